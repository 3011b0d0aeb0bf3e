package djinn.tasks.generative;

import djinn.data.AnimatedGif;
import djinn.data.ImageGrid;
import djinn.data.Pixels;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The sheets of samples in a run's folder: {@code samples/epoch-0001.png} after each epoch, and at the end {@code
 * samples.gif}, in which they follow one another.
 */
public final class SampleSheets {

    private static final String FOLDER = "samples";
    private static final int MARGIN = 2;

    /** Frames of an animation at most: with more epochs some are left out evenly, never the first and the last. */
    private static final int FRAMES = 100;

    private static final int MILLIS = 150;
    private static final int LAST_MILLIS = 2000;

    private final Samples samples;

    /**
     * Sheets.
     *
     * @param samples how many images a sheet has
     */
    public SampleSheets(Samples samples) {
        this.samples = samples;
    }

    /**
     * Writes the sheet of an epoch.
     *
     * @param images of one size
     * @param epoch from 0 on
     * @param run the run's folder
     * @throws DataException if it cannot be written
     */
    public void write(List<Pixels> images, int epoch, Path run) {
        Path sheets = run.resolve(FOLDER);
        try {
            Files.createDirectories(sheets);
        } catch (IOException e) {
            throw new DataException(sheets + ": cannot be made: " + AtomicFile.reason(e), e);
        }
        writeSheet(images, samples.columns(), sheets.resolve(String.format("epoch-%04d.png", epoch + 1)));
    }

    /**
     * Writes images into one picture.
     *
     * @param images of one size
     * @param columns images in a row
     * @param file a PNG file, whose folder must exist
     * @throws DataException if it cannot be written
     */
    public static void writeSheet(List<Pixels> images, int columns, Path file) {
        ImageGrid.write(ImageGrid.of(images, columns, MARGIN), file);
    }

    /**
     * Makes one animation of all sheets; nothing where there are none.
     *
     * @param run the run's folder
     * @throws DataException if they cannot be read or it cannot be written
     */
    public void animate(Path run) {
        Path sheets = run.resolve(FOLDER);
        if (!Files.isDirectory(sheets)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(sheets)) {
            files = all.filter(file -> file.getFileName().toString().matches("epoch-\\d+\\.png"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new DataException(sheets + ": cannot be read: " + AtomicFile.reason(e), e);
        }
        if (!files.isEmpty()) {
            AnimatedGif.write(evenly(files), MILLIS, LAST_MILLIS, run.resolve(FOLDER + ".gif"));
        }
    }

    private static List<Path> evenly(List<Path> files) {
        int last = files.size() - 1;
        if (last < FRAMES) {
            return files;
        }
        return IntStream.range(0, FRAMES)
                .mapToObj(frame -> files.get(Math.toIntExact((long) frame * last / (FRAMES - 1))))
                .toList();
    }
}
