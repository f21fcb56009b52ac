"""Parts that pages are built of; each shows values it is given and knows nothing of recipes."""
