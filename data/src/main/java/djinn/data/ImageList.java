package djinn.data;

import java.nio.file.Path;
import java.util.List;

/** Image files with labels, already listed. */
final class ImageList implements Dataset {

    /** A file and the index of its class. */
    record Item(Path file, int label) {}

    private final Path root;
    private final List<Item> items;

    /** Paths are shown relative to the root, so that a fingerprint survives a move. */
    ImageList(Path root, List<Item> items) {
        this.root = root;
        this.items = List.copyOf(items);
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public Pixels image(int index, int channels) {
        return ImageFiles.read(items.get(index).file, channels);
    }

    @Override
    public int label(int index) {
        return items.get(index).label;
    }

    @Override
    public String name(int index) {
        return root.relativize(items.get(index).file).toString().replace('\\', '/');
    }
}
