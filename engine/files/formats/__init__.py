"""The file formats, one file each: the record, and what opens it; none knows another."""
