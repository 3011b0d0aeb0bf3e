package djinn.tasks.diffusion;

import djinn.ops.Default;
import djinn.tasks.generative.DrawnData;
import djinn.zoo.generative.CosineSchedule;
import djinn.zoo.generative.DiffusionUNet;
import java.util.List;

/**
 * The network that tells noise, and how many steps of noise there are.
 *
 * @param width the channels of the first level, even and at least 4
 * @param levels how many times that each level has, a list; the maps of each are half as wide as those before
 * @param blocks residual blocks of a level
 * @param dropout the share of values dropped in each residual block in training
 * @param steps how many steps there are from an image to noise
 * @param conditional whether the network is told the class of each image
 */
public record DiffusionModel(
        @Default("32") int width,
        @Default("[1, 2, 2]") List<Integer> levels,
        @Default("1") int blocks,
        @Default("0") double dropout,
        @Default("1000") int steps,
        @Default("false") boolean conditional) {

    /** Checks the number of steps, and copies the list. */
    public DiffusionModel {
        levels = List.copyOf(levels);
        new CosineSchedule(steps);
    }

    /** Returns what varies in the network. */
    DiffusionUNet.Config extents(DrawnData data, int classes) {
        return new DiffusionUNet.Config(data.channels(), data.size(), width, levels, blocks, classes, dropout);
    }
}
