-- An item that is run again first removes the images of its earlier attempt.
create index images_by_session on images (session_id) where session_id is not null;
