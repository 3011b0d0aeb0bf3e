package djinn.report;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import djinn.ops.AtomicFile;
import djinn.ops.DataException;
import djinn.tasks.Recipes;
import djinn.training.exhibit.Curves;
import djinn.training.exhibit.Exhibit;
import djinn.training.exhibit.Gallery;
import djinn.training.exhibit.Matrix;
import djinn.training.exhibit.Table;
import djinn.training.run.RunFolder;
import djinn.training.run.TrainLog;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The report of a run: a page of its own, in one file that needs nothing beside it.
 *
 * @param html the page
 * @param missing what of it could not be made
 */
public record Report(String html, List<Missing> missing) {

    /** The most characters that a moving picture may take of the page. */
    private static final int MOST_MOVING = 1_000_000;

    /** Copies the list. */
    public Report {
        missing = List.copyOf(missing);
    }

    /**
     * Makes the report of a run, with what its best weights do on its held-out data where both are there.
     *
     * @param folder the run's
     * @param overrides of its recipe, such as where its data lies now
     * @param pictures the most pictures or texts of one exhibit
     * @return the report
     * @throws djinn.config.RecipeException if an override is none
     * @throws DataException if the folder's files cannot be listed
     */
    public static Report of(RunFolder folder, List<String> overrides, int pictures) {
        if (!overrides.isEmpty()) {
            // what is mistyped is told rather than shown
            Recipes.of(folder, overrides);
        }
        return of(folder, Trained.of(folder, overrides, pictures));
    }

    static Report of(RunFolder folder, Trained trained) {
        RunContents contents = RunContents.of(folder);
        List<Missing> missing = new ArrayList<>(trained.missing());
        contents.facts().problems().forEach(problem -> missing.add(new Missing(Missing.FILES, problem)));
        if (contents.facts().epochsDone() == 0) {
            missing.add(new Missing(
                    Missing.RESULTS,
                    "no epoch is over yet; 'djinn train --resume " + folder.path() + "' goes on with the run"));
        }
        List<Exhibit> exhibits = new ArrayList<>(trained.exhibits());
        if (exhibits.isEmpty()) {
            perClass(folder.file("per_class.csv")).ifPresent(exhibits::add);
        }
        FolderPictures files = FolderPictures.of(folder.path()).without(covered(exhibits));
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("kind", "run");
        data.put("live", false);
        data.put("made", TrainLog.now());
        data.put("run", contents);
        data.put("summary", trained.summary());
        addPictures(folder, exhibits, files, data, missing);
        data.put("missing", missing);
        return new Report(Page.html(contents.facts().name(), data, Page.ALONE), missing);
    }

    /** What exhibits show better than pictures that were drawn when the run ended. */
    private static Set<String> covered(List<Exhibit> exhibits) {
        Set<String> names = new HashSet<>();
        for (Exhibit exhibit : exhibits) {
            if (exhibit instanceof Matrix) {
                names.add("confusion_matrix.png");
            } else if (exhibit instanceof Curves) {
                names.addAll(List.of("pr_curve.png", "f1_curve.png"));
            }
        }
        return names;
    }

    private static void addPictures(
            RunFolder folder,
            List<Exhibit> exhibits,
            FolderPictures files,
            Map<String, Object> data,
            List<Missing> missing) {
        List<BufferedImage> images = new ArrayList<>();
        for (Exhibit exhibit : exhibits) {
            if (exhibit instanceof Gallery gallery) {
                gallery.pictures().forEach(picture -> images.add(PictureShelf.image(picture.pixels())));
            }
        }
        int ofExhibits = images.size();
        List<ShownPicture> shown = new ArrayList<>();
        List<String> still = new ArrayList<>();
        long left = PictureShelf.MOST;
        for (String name : files.files()) {
            try {
                if (name.endsWith(".gif")) {
                    ShownPicture moving = moving(folder.file(name), name);
                    left -= moving.source().length();
                    shown.add(moving);
                } else {
                    images.add(FolderPictures.read(folder.file(name)));
                    still.add(name);
                }
            } catch (DataException e) {
                missing.add(new Missing(Missing.PICTURES, e.getMessage()));
            }
        }
        List<PictureShelf.Held> held = PictureShelf.hold(images, left);
        List<PictureShelf.Held> ofFiles = held.subList(ofExhibits, held.size());
        for (int i = 0; i < ofFiles.size(); i++) {
            shown.add(ShownPicture.of(still.get(i), "", ofFiles.get(i), djinn.training.exhibit.Verdict.NONE));
        }
        data.put("exhibits", ExhibitParts.of(exhibits, held.subList(0, ofExhibits)));
        data.put("pictures", shown);
        data.put("picturesSmaller", ExhibitParts.smaller(ofFiles));
        data.put("sheetsLeftOut", files.leftOut());
    }

    private static ShownPicture moving(Path file, String name) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            String source = PictureShelf.address("gif", bytes);
            if (source.length() <= MOST_MOVING) {
                return new ShownPicture(name, "", source, 0, 0, "none");
            }
        } catch (IOException e) {
            throw new DataException(file + ": cannot be read: " + AtomicFile.reason(e), e);
        }
        throw new DataException(name + " is too large for this page; it lies in the run's folder");
    }

    private static Optional<Exhibit> perClass(Path file) {
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        try (CsvReader<CsvRecord> csv = CsvReader.builder().ofCsvRecord(file)) {
            List<List<String>> lines = csv.stream().map(CsvRecord::getFields).toList();
            List<List<Object>> rows = lines.stream()
                    .skip(1)
                    .map(line -> line.stream().map(Report::cell).toList())
                    .toList();
            return lines.isEmpty()
                    ? Optional.empty()
                    : Optional.of(
                            new Table("Figures of every class", "As per_class.csv has them.", lines.get(0), rows));
        } catch (IOException | RuntimeException e) {
            // damaged, or of another program: the page is no place to stumble over it
            return Optional.empty();
        }
    }

    private static Object cell(String text) {
        if (text.matches("-?[0-9]{1,15}")) {
            return Long.valueOf(text);
        }
        return text.matches("-?[0-9]*\\.[0-9]+([eE][-+]?[0-9]+)?|NaN") ? (Object) Double.valueOf(text) : text;
    }

    /**
     * Writes the page, in the place of an older one.
     *
     * @param file an HTML file
     * @throws DataException if it cannot be written, or something is there that is no page of Djinn's
     */
    public void write(Path file) {
        Page.write(file, html);
    }
}
