"""Results that outlive the process: in a folder, or in a place that machines share."""
