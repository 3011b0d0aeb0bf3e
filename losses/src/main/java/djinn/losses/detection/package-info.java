/** Losses of networks that find objects: what each anchor has to say, and how wrong it is. */
package djinn.losses.detection;
