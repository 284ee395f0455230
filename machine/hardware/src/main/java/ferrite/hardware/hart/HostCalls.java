package ferrite.hardware.hart;

/**
 * The host's side of semihosting: the calls by which software of M-mode and S-mode asks its host. A machine without one
 * takes them as breakpoint exceptions.
 */
public interface HostCalls {

    /**
     * Serves the call in a0 and a1 of a hart. Sets the hart's a0.
     *
     * @return false if the call has no answer yet; the hart makes it again
     */
    boolean serve(Hart hart);
}
