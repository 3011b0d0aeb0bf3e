/** A classifier in a web server. */
package com.example.serve;
