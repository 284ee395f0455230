package ferrite.hardware.state;

/** What becomes of media, a disk's file say, when state is restored: they are no part of the machine, and changed as it ran. */
public enum StateMedia {

    /** They have to be as they were: a part that changes them from now on keeps aside what it changes. */
    GO_BACK,

    /** The state is kept outside the machine, which may be gone when it is read back, and media are kept beside it. What has not reached them yet is part of the state. */
    KEPT_BESIDE,

    /** The machine begins anew, and media do not: they stay, with what is on its way to them. */
    STAY
}
