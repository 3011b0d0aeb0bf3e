/** One number for one image: a task that joins Djinn from a jar of its own. */
package example.regression;
