package ferrite.hardware.state;

/**
 * Handling of media, such as a disk's file, when state is restored. Media are no part of the machine, and they change
 * while it runs.
 */
public enum StateMedia {

    /** Media return to their old contents. A part that changes media after the save keeps the old contents aside. */
    GO_BACK,

    /**
     * Media are kept beside the state, outside the machine, which may be gone by the time of the restore. Data that has
     * not reached the media yet is part of the state.
     */
    KEPT_BESIDE,

    /** The machine is reset, and the media stay as they are, including data on its way to them. */
    STAY
}
