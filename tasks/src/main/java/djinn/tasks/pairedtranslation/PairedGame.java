package djinn.tasks.pairedtranslation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import djinn.zoo.generative.PatchDiscriminator;
import djinn.zoo.generative.Pix2PixUNet;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;

/** Both networks of a training: {@code generator}, which is handed on, and {@code discriminator}. A pass is the generator's. */
final class PairedGame extends NamedBlock {

    static final String GENERATOR = "generator.";
    static final String DISCRIMINATOR = "discriminator.";

    private final Pix2PixUNet generator;
    private final PatchDiscriminator discriminator;

    PairedGame(PairedTranslationRecipe recipe) {
        generator = child("generator", recipe.card().newModel(recipe.model().dropout()));
        discriminator = child("discriminator", new PatchDiscriminator(recipe.discriminator()));
    }

    Pix2PixUNet generator() {
        return generator;
    }

    /**
     * Says of each patch whether an image belongs to another.
     *
     * @param a (N, C, H, W)
     * @param b (N, C, H, W), real or made of a
     * @param pass the pass
     * @return logits (N, 1, h, w)
     */
    NDArray judge(NDArray a, NDArray b, Pass pass) {
        return discriminator.forward(a.concat(b, 1), pass);
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        return new NDList(generator.forward(inputs.singletonOrThrow(), pass));
    }
}
