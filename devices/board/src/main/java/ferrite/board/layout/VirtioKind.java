package ferrite.board.layout;

/** The devices that {@code --virtio} puts into slots of the {@code virt} board, in addition to disks. */
public enum VirtioKind {
    /** A console on standard input and output. */
    CONSOLE,
    /** Random bytes, decided by the seed. */
    ENTROPY
}
