"""What a built bundle holds, and under which licences."""
