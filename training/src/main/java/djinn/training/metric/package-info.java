/** Figures gathered batch by batch. */
package djinn.training.metric;
