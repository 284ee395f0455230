package ferrite.testkit;

/**
 * The entry to the assertions about machines. Import it statically, beside AssertJ's own.
 *
 * <pre>{@code
 * import static ferrite.testkit.MachineAssertions.assertThat;
 * import static org.assertj.core.api.Assertions.assertThat;
 * }</pre>
 */
public final class MachineAssertions {

    private MachineAssertions() { }

    /**
     * Starts assertions about a machine.
     *
     * @param machine a machine that has booted; a null fails the first assertion
     */
    public static MachineAssert assertThat(MachineRun machine) {
        return new MachineAssert(machine);
    }
}
