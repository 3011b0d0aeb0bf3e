package djinn.data;

import djinn.ops.DataException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Grey images of one size in an IDX file, as MNIST and its kin come, with the labels of another, or without: every label
 * is then 0. All of them are kept in memory.
 */
public final class IdxImages implements Dataset {

    private final String name;
    private final int height;
    private final int width;
    private final ByteBuffer values;
    private final Optional<ByteBuffer> labels;

    private IdxImages(String name, IdxFile images, Optional<IdxFile> labels) {
        this.name = name;
        this.height = images.extents().get(1);
        this.width = images.extents().get(2);
        this.values = images.values();
        this.labels = labels.map(IdxFile::values);
    }

    /**
     * Reads images and, if there are any, their labels; either file may be packed by gzip.
     *
     * @param images unsigned bytes (N, H, W), 0 for black
     * @param labels unsigned bytes (N), classes
     * @return the images
     * @throws DataException if a file is missing, cut off, damaged or no such file, or there are not as many labels as
     *     images
     */
    public static IdxImages read(Path images, Optional<Path> labels) {
        IdxFile pictures = IdxFile.read(images, 3, "images");
        Optional<IdxFile> classes = labels.map(file -> IdxFile.read(file, 1, "labels"));
        int count = pictures.extents().get(0);
        classes.filter(own -> own.extents().get(0) != count).ifPresent(own -> {
            throw new DataException(labels.get() + ": expected " + count + " labels, one for each image of " + images
                    + ", found " + own.extents().get(0) + "; take the files of one set");
        });
        return new IdxImages(String.valueOf(images.getFileName()).replaceFirst("(?i)\\.gz$", ""), pictures, classes);
    }

    /** Returns whether there are labels. */
    public boolean hasLabels() {
        return labels.isPresent();
    }

    @Override
    public int size() {
        return values.capacity() / (height * width);
    }

    @Override
    public Pixels image(int index, int channels) {
        byte[] own = new byte[height * width];
        values.get(index * own.length, own);
        return new Pixels(height, width, 1, own).withChannels(channels);
    }

    @Override
    public int label(int index) {
        return labels.map(own -> own.get(index) & 0xFF).orElse(0);
    }

    @Override
    public String name(int index) {
        return name + " image " + index;
    }
}
