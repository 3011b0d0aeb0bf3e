package djinn.tasks.imagetranslation;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import djinn.zoo.generative.CycleGan;
import djinn.zoo.generative.PatchDiscriminator;
import djinn.zoo.nn.NamedBlock;
import djinn.zoo.nn.Pass;
import java.util.Optional;

/**
 * All networks of a training, and the pools: {@code generators}, which is handed on, {@code discriminator_a}, {@code
 * discriminator_b}, {@code pool_a} and {@code pool_b}. A pass is the generators'.
 */
final class TranslationGame extends NamedBlock {

    static final String GENERATORS = "generators.";
    static final String DISCRIMINATORS = "discriminator_";

    private final CycleGan generators;
    private final Side a;
    private final Side b;

    /** What judges images of a domain: its network, and the earlier translations into it. */
    record Side(PatchDiscriminator discriminator, Optional<ImagePool> pool) {

        /** Exchanges some of the new translations for earlier ones. */
        NDArray mixed(NDArray fresh, NDArray draws, Pass pass) {
            return pool.map(own -> own.query(fresh, draws, pass)).orElse(fresh);
        }
    }

    TranslationGame(ImageTranslationRecipe recipe) {
        generators = child("generators", recipe.card().newModel());
        PatchDiscriminator ofA = child(DISCRIMINATORS + "a", new PatchDiscriminator(recipe.discriminator()));
        PatchDiscriminator ofB = child(DISCRIMINATORS + "b", new PatchDiscriminator(recipe.discriminator()));
        a = new Side(ofA, pool("pool_a", recipe));
        b = new Side(ofB, pool("pool_b", recipe));
    }

    private Optional<ImagePool> pool(String name, ImageTranslationRecipe recipe) {
        int size = recipe.data().size();
        return recipe.poolSize() == 0
                ? Optional.empty()
                : Optional.of(child(
                        name,
                        new ImagePool(recipe.poolSize(), new Shape(recipe.data().channels(), size, size))));
    }

    CycleGan generators() {
        return generators;
    }

    Side a() {
        return a;
    }

    Side b() {
        return b;
    }

    @Override
    protected NDList forward(NDList inputs, Pass pass) {
        return generators.forward(inputs, pass);
    }
}
