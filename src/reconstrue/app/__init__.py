"""The browser app: what a model says of a picture, seen as it is found out.

`watch`, `see` and `runs` are the logic, `pictures` makes HTML of it, `models` holds the model, `serve` the server, and `page`
is the only file that knows Gradio. The page is there before torch is: what needs it is imported when it is used.
"""
