package ferrite.board.corpus;

/** A program that uses a story's device, in the story's task. */
@FunctionalInterface
interface Program {

    /** Opens the device, gives it a command, and closes it. */
    void ioctl(int command, long argument);
}
