package djinn.data.published;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A public data set, with what was found in documents; what no document tells is empty.
 *
 * @param name as the command line calls it
 * @param title as its authors call it
 * @param task what it is mostly used for: {@code classification}, {@code detection} ...
 * @param files what is downloaded
 * @param licence what its publisher, or whoever {@code source} names, says; empty if unknown
 * @param home its page
 * @param citation the work that presents it
 * @param uses the recipes and sources that read it
 * @param objects where it is a folder for each image with a mask for each object: what these are called; a list of them is
 *     then made, {@code objects.json}
 * @param note what else there is to know, in a sentence or more
 * @param source where sizes, hashes and licence were read
 */
public record PublishedData(
        String name,
        String title,
        String task,
        List<PublishedFile> files,
        Optional<String> licence,
        String home,
        Optional<String> citation,
        List<Use> uses,
        Optional<String> objects,
        Optional<String> note,
        String source) {

    /** Stands for the folder of the data in a use's settings. */
    public static final String FOLDER = "{folder}";

    /**
     * A recipe that reads the data.
     *
     * @param recipe one of Djinn's, by name
     * @param settings what is set so that it does: {@code data.root={folder}}
     */
    public record Use(String recipe, List<String> settings) {

        /** Copies the list. */
        public Use {
            settings = List.copyOf(settings);
        }

        /** Returns the settings with a folder in the place of {@link #FOLDER}. */
        public List<String> in(String folder) {
            return settings.stream()
                    .map(setting -> setting.replace(FOLDER, folder))
                    .toList();
        }
    }

    /**
     * Copies the lists, and checks the name, which becomes a folder's.
     *
     * @throws IllegalArgumentException if the name is not of small letters, digits and underscores, or there are no files
     */
    public PublishedData {
        if (!name.matches("[a-z0-9_]+")) {
            throw new IllegalArgumentException(
                    "expected a name of small letters, digits and underscores, got '" + name + "'");
        }
        if (files.isEmpty()) {
            throw new IllegalArgumentException("expected files of " + name + ", got none");
        }
        files = List.copyOf(files);
        uses = List.copyOf(uses);
    }

    /** Returns the size of all files; empty if one is unknown. */
    public OptionalLong bytes() {
        return files.stream().allMatch(file -> file.bytes().isPresent())
                ? OptionalLong.of(files.stream()
                        .mapToLong(file -> file.bytes().getAsLong())
                        .sum())
                : OptionalLong.empty();
    }

    /** Returns how many files have a hash that a download is checked by. */
    public long hashed() {
        return files.stream().filter(file -> file.hash().isPresent()).count();
    }
}
