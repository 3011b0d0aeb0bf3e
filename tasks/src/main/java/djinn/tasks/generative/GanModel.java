package djinn.tasks.generative;

import djinn.ops.Default;
import djinn.ops.Nearest;
import djinn.tasks.Extension;
import djinn.tasks.Extensions;
import djinn.zoo.generative.GanNetworks;
import java.util.Map;
import java.util.Optional;

/**
 * The networks of a GAN, as a recipe names them.
 *
 * @param name which; the generator's, if another critic is named
 * @param critic whose critic it learns against; its own if left out
 * @param latent the length of the generator's random vectors
 * @param width the channels of the layers next to the image, or the hidden units of a layer
 * @param conditional whether both networks are told the class of each image
 */
public record GanModel(
        @Default("small_gan") String name,
        Optional<String> critic,
        @Default("64") int latent,
        @Default("64") int width,
        @Default("false") boolean conditional) {

    /** Checks the names. */
    public GanModel {
        networks(name);
        critic.ifPresent(GanModel::networks);
    }

    /** Returns the networks there are by name; those that joined are behind. */
    public static Map<String, GanNetworks> table() {
        return Extensions.with("networks of the task gan", GanNetworks.table(), Extension::gans);
    }

    /**
     * Returns networks by name.
     *
     * @throws IllegalArgumentException if there are none of that name; the message has the nearest
     */
    public static GanNetworks networks(String name) {
        Map<String, GanNetworks> table = table();
        GanNetworks networks = table.get(name);
        if (networks == null) {
            throw new IllegalArgumentException("unknown networks of a gan '" + name + "', "
                    + Nearest.suggestion(name, table.keySet(), "expected one of "));
        }
        return networks;
    }

    /** Returns what builds the generator. */
    GanNetworks drawing() {
        return networks(name);
    }

    /** Returns what builds the critic. */
    GanNetworks judging() {
        return networks(critic.orElse(name));
    }

    /** Returns what varies in the networks. */
    GanNetworks.Extents extents(DrawnData data) {
        return new GanNetworks.Extents(data.channels(), data.size(), latent, width);
    }
}
