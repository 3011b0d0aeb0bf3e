/** Points of the plane, by the generator of a GAN. */
package djinn.predict.points;
