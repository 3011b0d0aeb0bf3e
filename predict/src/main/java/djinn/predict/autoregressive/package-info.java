/** Images drawn pixel by pixel. */
package djinn.predict.autoregressive;
