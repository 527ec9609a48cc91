"""The pages of the app, drawn with Streamlit; a folder for each page, and the parts they share."""
