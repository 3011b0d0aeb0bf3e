/**
 * What the engine has and DJL's own surface lacks: TorchScript functions from text, and typed operations built on them.
 *
 * <p>Results belong to the manager of the first array handed in, as with DJL's own operations. Everything here is
 * differentiable unless it says otherwise, and may be called from several threads.
 */
package djinn.ops;
