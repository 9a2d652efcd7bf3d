"""What front ends send to widgets: received, checked, queued, applied."""
