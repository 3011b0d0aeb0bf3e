package djinn.tasks.generative;

import djinn.data.AnimatedGif;
import djinn.data.ImageGrid;
import djinn.data.ImageSheet;
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
 * The sheets of images in a run's folder: {@code samples/epoch-0001.png} after each epoch, and at the end {@code
 * samples.gif}, in which they follow one another.
 */
public final class SampleSheets {

    private static final String FOLDER = "samples";

    /** Pixels around the images and between them. */
    private static final int MARGIN = 2;

    /** Frames of an animation at most: with more epochs some are left out evenly, never the first and the last. */
    private static final int FRAMES = 100;

    private static final int MILLIS = 150;
    private static final int LAST_MILLIS = 2000;

    private final String name;
    private final Samples samples;

    /**
     * Sheets of samples.
     *
     * @param samples how many images a sheet has
     * @param size height and width of an image
     * @throws IllegalArgumentException if a sheet would be of more than 50 million pixels
     */
    public SampleSheets(Samples samples, int size) {
        this(FOLDER, samples, size);
    }

    /**
     * Sheets of anything.
     *
     * @param name of their folder
     * @param samples how many images a sheet has at most
     * @param size height and width of an image
     * @throws IllegalArgumentException if a sheet would be of more than 50 million pixels
     */
    public SampleSheets(String name, Samples samples, int size) {
        this.name = name;
        this.samples = samples;
        try {
            ImageSheet.require(samples.count(), samples.columns(), MARGIN, size, size);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("samples: " + e.getMessage(), e);
        }
    }

    /** Returns how many images a sheet has. */
    public Samples samples() {
        return samples;
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
        Path sheets = run.resolve(name);
        try {
            Files.createDirectories(sheets);
        } catch (IOException e) {
            throw new DataException(sheets + ": cannot be made: " + AtomicFile.reason(e), e);
        }
        ImageGrid.write(
                ImageGrid.of(images, samples.columns(), MARGIN),
                sheets.resolve(String.format("epoch-%04d.png", epoch + 1)));
    }

    /**
     * Makes one animation of all sheets; nothing where there are none.
     *
     * @param run the run's folder
     * @throws DataException if they cannot be read or it cannot be written
     */
    public void animate(Path run) {
        Path sheets = run.resolve(name);
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
            AnimatedGif.write(evenly(files), MILLIS, LAST_MILLIS, run.resolve(name + ".gif"));
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
