package djinn.cli;

import djinn.ops.DataException;
import djinn.training.run.RunFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Weights of a run.
 *
 * @param folder the run's
 * @param file the weights, the best unless others are given
 */
record WeightsOfRun(RunFolder folder, Path file) {

    /**
     * Finds them.
     *
     * @param given a run's folder, or a file in it or in its folder {@code top}
     * @throws DataException if it is neither, or there are no weights yet
     */
    static WeightsOfRun of(Path given) {
        if (!Files.isRegularFile(given)) {
            RunFolder folder = RunFolder.open(given);
            return new WeightsOfRun(folder, folder.best());
        }
        Path near = given.toAbsolutePath().normalize().getParent();
        for (Path folder : near.getParent() == null ? List.of(near) : List.of(near, near.getParent())) {
            if (Files.isRegularFile(folder.resolve("recipe.yaml"))) {
                return new WeightsOfRun(RunFolder.open(folder), given);
            }
        }
        throw new DataException(
                given + ": expected the folder of a run, or weights that lie in one, found no recipe.yaml"
                        + " beside them; measure a classifier's with --weights " + given + " --data DATA");
    }
}
