package ferrite.board.layout;

/** The devices beside disks that {@code --virtio} puts into slots of the {@code virt} board. */
public enum VirtioKind {
    /** A console, whose bytes are those of standard input and output. */
    CONSOLE,
    /** Random bytes, which the seed decides. */
    ENTROPY
}
