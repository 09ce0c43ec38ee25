"""What has been computed: the table of a run, the store that resumes, datasets and their provenance."""
