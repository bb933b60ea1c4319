//! Headers of strangers: sampling, identity, names of files, what is counted, what a mask is shown.
