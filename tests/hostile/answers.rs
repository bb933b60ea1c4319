//! Servers, proxies and addresses: answers that repeat secrets, headers that must not go there, answers without an end.
