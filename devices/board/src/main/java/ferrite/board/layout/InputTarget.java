package ferrite.board.layout;

/** The consoles of a bare program that get the host's input, as {@code --input} names them. */
public enum InputTarget {
    /** The serial line alone. */
    SERIAL,
    /** The virtio console alone. */
    VIRTIO,
    /** Each of the two gets all of the input, at its own pace. */
    BOTH
}
