package djinn.cli;

import djinn.inference.Answer;

/** A file that answers are written to for other tools. */
interface AnswerFile {

    /** Adds the answer to an image of some name. */
    void add(String name, Answer answer);

    /** Writes what is to be written at the end. */
    void finish();
}
