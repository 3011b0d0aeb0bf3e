/** Generators of points of the plane, on which the failures of GANs are seen in a minute. */
package djinn.tasks.points;
