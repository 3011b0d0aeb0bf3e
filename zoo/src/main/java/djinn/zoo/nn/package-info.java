/** Layers, named as PyTorch or their paper names them, whose parameters carry PyTorch's names. */
package djinn.zoo.nn;
