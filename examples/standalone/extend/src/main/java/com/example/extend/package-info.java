/** What joins Djinn from a jar of one's own. */
package com.example.extend;
