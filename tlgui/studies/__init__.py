"""Many runs compared: the race of strategies. No Qt."""
