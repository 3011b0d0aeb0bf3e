/** A task of one's own, outside of Djinn. */
package com.example.spirals;
