"""Who shows the outputs: the page of a served app, JupyterLab with our extension, or a front end as it is."""
