"""What a trained model makes of texts: hidden words, classes, scores, mistakes."""
