// Package widget is what screens are built of: tables, charts, panes, logs,
// forms, and the functions that lay rows out.
//
// A view is a slice of rows, and a row is a string that is already painted: text
// and colour sequences made by theme.Style.Paint, nothing else.
// Because Paint cleans what it is given, data can be painted as it comes. Rows are
// put together with +; [Cut], [Pad], [Right] and [Window] know about colours and
// wide characters.
//
// A frame is drawn by cutting each row once and joining rows by line: no boxes
// are measured, no block is aligned twice. A [Pane] keeps its rows until its data
// changes.
package widget
