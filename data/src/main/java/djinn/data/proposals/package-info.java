/** Where in an image objects may be, told before anything is known of them: boxes for detectors that look at given regions. */
package djinn.data.proposals;
