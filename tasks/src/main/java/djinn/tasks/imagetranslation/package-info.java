/** Images of one domain to images of another, learned without pairs. */
package djinn.tasks.imagetranslation;
