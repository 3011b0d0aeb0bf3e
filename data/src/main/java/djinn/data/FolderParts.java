package djinn.data;

import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which folders of a data set hold the images to learn from, and which those held out.
 *
 * @param root the data set
 * @param train the folder {@code train}, or else {@code training}, if there is one
 * @param heldOut the folder {@code val}, or else {@code valid}, {@code validation}, {@code test} or {@code testing}
 * @param others the folders that are neither
 */
record FolderParts(Path root, Optional<Path> train, Optional<Path> heldOut, List<Path> others) {

    private static final List<String> TRAIN = List.of("train", "training");
    private static final List<String> HELD_OUT = List.of("val", "valid", "validation", "test", "testing");

    private static final String EXPECTED = "expected train with val, valid, validation or test beside it (in upper or"
            + " lower case), or one folder of images per class";

    static FolderParts of(Path root) {
        List<Path> folders = folders(root);
        Optional<Path> train = named(TRAIN, folders);
        Optional<Path> heldOut = named(HELD_OUT, folders);
        List<Path> others = new ArrayList<>(folders);
        train.ifPresent(others::remove);
        heldOut.ifPresent(others::remove);
        return new FolderParts(root, train, heldOut, others);
    }

    /** The first of the names that a folder has; as it is written here, or else in whatever case. */
    private static Optional<Path> named(List<String> names, List<Path> folders) {
        for (String name : names) {
            for (boolean anyCase : new boolean[] {false, true}) {
                for (Path folder : folders) {
                    String own = folder.getFileName().toString();
                    if (anyCase ? own.equalsIgnoreCase(name) : own.equals(name)) {
                        return Optional.of(folder);
                    }
                }
            }
        }
        return Optional.empty();
    }

    /**
     * Returns the folder of class folders to learn from: the root itself where its folders are classes.
     *
     * @throws DataException if some of them look like parts of a data set and others are missing
     */
    Path toLearnFrom() {
        boolean trainIsPart = train.isPresent() && (heldOut.isPresent() || holdsFoldersOnly(train.get()));
        boolean heldOutIsPart = heldOut.isPresent() && (trainIsPart || holdsFoldersOnly(heldOut.get()));
        if (heldOutIsPart && !trainIsPart) {
            throw unexpected(", and no train");
        }
        if (trainIsPart && heldOut.isEmpty() && !others.isEmpty()) {
            throw unexpected("");
        }
        return trainIsPart ? train.get() : root;
    }

    /**
     * Returns the folder of class folders to validate with: the root itself where its folders are classes.
     *
     * @throws DataException if only the folder to learn from is there
     */
    Path toValidateWith() {
        if (heldOut.isPresent() && (train.isPresent() || holdsFoldersOnly(heldOut.get()))) {
            return heldOut.get();
        }
        if (train.isPresent() && heldOut.isEmpty() && holdsFoldersOnly(train.get())) {
            throw unexpected("");
        }
        return root;
    }

    private DataException unexpected(String missing) {
        String found = folders(root).stream()
                .limit(10)
                .map(folder -> folder.getFileName().toString())
                .collect(Collectors.joining(", "));
        return new DataException(root + ": found the folders " + found + missing + "; " + EXPECTED);
    }

    /** Class folders lie in a part; images lie in a class. */
    private static boolean holdsFoldersOnly(Path folder) {
        return !folders(folder).isEmpty() && entries(folder).stream().noneMatch(ImageFiles::isImage);
    }

    /** The folders in a folder, sorted, without those that systems hide. */
    static List<Path> folders(Path folder) {
        return entries(folder).stream()
                .filter(Files::isDirectory)
                .filter(path -> !ImageTree.isHidden(path))
                .toList();
    }

    static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new DataException(folder + ": cannot list the folder: " + AtomicFile.reason(e), e);
        }
    }
}
