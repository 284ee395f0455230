package ferrite.board.web;

import ferrite.hardware.monitor.MonitorException;
import ferrite.hardware.report.Report;
import java.util.List;
import java.util.Map;

/**
 * An inspector at a path.
 *
 * @param path       the path, from {@code /api/v1}
 * @param summary    a line of help
 * @param parameters the parameters that a query may have
 * @param inspector  makes the report, on the thread that holds the turn
 */
record Page(String path, String summary, List<Parameter> parameters, Inspector inspector) {

    /** The work of a page. */
    @FunctionalInterface
    interface Inspector {

        /**
         * Makes the report. Only looks.
         *
         * @param values valid values of the parameters, by name; those that are not given are absent
         * @throws MonitorException with a sentence, if there is nothing to show
         */
        Report look(Map<String, String> values) throws MonitorException;
    }
}
