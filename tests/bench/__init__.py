"""Speed of callwatch: CPU seconds as ratios to limits measured in the same run. `make bench`."""
